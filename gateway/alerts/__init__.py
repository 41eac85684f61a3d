"""Tells people what is wrong: rules over the gateway's own figures, and channels to tell them through."""
