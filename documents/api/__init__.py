"""The REST API under /api/v1/: what the web does for people, for programs. Its contract is its own OpenAPI schema."""
