"""Merging answers into one text, and checking that text against what the answers say.

`claims.claims` lists what the answers state and who supports it, `instructions` puts that before a
model, `support.Support.check` finds the sentences of its text that nobody supports, and
`removal.without` takes them out where the rest still reads as an answer.
"""
