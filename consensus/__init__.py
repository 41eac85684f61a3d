"""From many answers to one: rounds, final answers, agreement, calibration, aggregation."""
