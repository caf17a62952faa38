"""The archive for assistants, by the Model Context Protocol: ``view`` answers at ``/mcp``, ``tools`` says what they
can do. Each tool is a call of the API, so gates, limits and audit are the same."""
