"""Patterns: what answered requests teach, as plain values; where they are kept is the gateway's business."""
