"""Patterns while the gateway serves: taken in after the response, labelled, followed, recovered."""
