"""For whoever runs the platform: whether all is there that it needs, and figures of its work."""
