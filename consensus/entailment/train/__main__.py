"""``python -m consensus.entailment.train``."""

from consensus.entailment.train.run import main

if __name__ == "__main__":
    main()
