"""What does the demonstration world let everybody know: its logins and the name of its gateway?"""

from __future__ import annotations

PASSWORD = "huanlian-demo-2026"  # noqa: S105 - the demonstration's published password
LOGINS = ("producer", "processor", "driver", "dispatcher", "inspector", "operator")
GATEWAY = "gateway-demo"
"""The device under which the simulated vehicles' gateway speaks of itself."""
