"""Routes of the pages, one module a page or a part of the API."""
