"""The performance monitor of a running gateway: it rolls figures up, watches vendors, judges days."""
