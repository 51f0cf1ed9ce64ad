"""The system on Azure: Functions, API Management, Service Bus, Event Grid, Cosmos DB and their kin."""
