"""What a request costs us, beside the same request through other gateways."""
