"""The local web application, its security and the command line."""
