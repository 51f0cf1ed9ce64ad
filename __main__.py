"""What `pulumi up` runs: the stack's configuration, the system it describes, and what the stack exports."""

import pulumi

from components.config import OrderSystemConfig
from components.system import OrderSystem

system = OrderSystem("orderly", config=OrderSystemConfig.from_pulumi())
for name, value in system.outputs.items():
    pulumi.export(name, value)
