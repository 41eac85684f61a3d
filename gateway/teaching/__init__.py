"""What feedback teaches, brought to the next request: read, fitted, put in service."""
