"""The doctor: do the configured keys, addresses and secrets work and belong together, and what to do if not.

Each check is a small function from a `Context` to a `Finding`; it prints nothing and changes nothing.
The command `billing_doctor` shows what `examine` found.
"""

from billing.services.doctor.context import Context
from billing.services.doctor.examination import examine
from billing.services.doctor.finding import Finding, Status

__all__ = ["Context", "Finding", "Status", "examine"]
