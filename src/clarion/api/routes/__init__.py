"""The routes under /api/v1, a file per noun."""
