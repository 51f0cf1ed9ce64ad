"""The Pulumi provider that gives a function app on Azure its code: it posts the package, and sees that it was taken."""
