"""The graph of patterns: who is next to whom, families of questions, experience carried along paths.

`edges` keeps each pattern's nearest neighbours as patterns come in. `recompute`, another process, reads
them now and then and makes `families`: groups of questions by Leiden (`communities`), each with its own
figures of every vendor, shrunk toward the whole. `paths` carries experience to where no label is near.
Nothing here is the truth: all of it can be made anew from the patterns and their vectors.
"""
