"""A long load with mixed faults: does memory stay, and is everything given back?"""
