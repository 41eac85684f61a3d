"""Shadow requests: the new path runs beside the old one, is scored and billed apart, and unseen."""
