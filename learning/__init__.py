"""What past answers teach: records and the readings of them."""
