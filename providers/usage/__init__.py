"""What each vendor's count of tokens means: a module a vendor, `usage_of` in each."""
