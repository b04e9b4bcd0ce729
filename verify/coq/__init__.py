"""Coq certificates: theorems about a derived gradient that a proof assistant confirms.

``certificate_of`` writes a self-contained file; ``certify`` has Coq check it.  The statement comes
from the layer's definition, the claim from the derivation's result, and the proof from neither the
engine nor its rules (see docs/certificates.md).
"""

from verify.coq.document import certificate_of
from verify.coq.integers import Uncertified
from verify.coq.run import Certification, certify

__all__ = ["Certification", "Uncertified", "certificate_of", "certify"]
