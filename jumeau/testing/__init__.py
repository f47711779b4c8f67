"""What tests of networks use, those of plug-ins too: a bench to run one network, and the contract's own tests."""

from jumeau.testing.bench import Bench, Ran

__all__ = ["Bench", "Ran"]
