"""What the pages ask for, one module a page or a part of the API."""
