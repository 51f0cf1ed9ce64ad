"""The platform portal: order systems deployed by a program through Pulumi's Automation API."""
