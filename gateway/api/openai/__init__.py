"""The OpenAI-compatible face: Chat Completions and models, in OpenAI's shapes, under `/v1`."""
