"""HTTP/1.1 to the vendors: what is sent, what comes back, and the connections in between."""
