"""How the system is broken for each rule."""

from __future__ import annotations

from collections.abc import Mapping

from tests.breaking import changed, retyped, unordered, without
from tests.unit.azure.breaking import reworded, told
from tests.unit.azure.broken_access import ACCESS, NOBODY, ROLE, Case
from tests.unit.azure.broken_functions import FUNCTIONS

EVENTS, QUEUE, RULE = "eventgrid.EventSubscription", "servicebus.Queue", "servicebus.DefaultRule"
OPERATION_POLICY = "apimanagement.ApiOperationPolicy"
ALERT, QUERY = "monitor.MetricAlert", "monitor.ScheduledQueryRule"
LOGIC = "logic.Workflow"
ERRORS = "database-orders-throttled-requests"

CASES: Mapping[str, Case] = {
    **ACCESS,
    **FUNCTIONS,
    "schema_of_another_kind": (
        "dev",
        changed(EVENTS, "placed", "eventDeliverySchema", "EventGridSchema"),
        "placed delivers EventGridSchema",
    ),
    "delivery_as_nobody": (
        "dev",
        changed(EVENTS, "placed", "deliveryWithResourceIdentity", None),
        "placed delivers as nobody",
    ),
    "delivery_not_let_in": (
        "dev",
        unordered(EVENTS, "placed", besides=ROLE),
        "placed: orders may not send to",
    ),
    "events_given_up_for_good": (
        "dev",
        without("storage.BlobContainer", "orders-dead-letters"),
        "placed has nowhere for what cannot be delivered",
    ),
    "filters_that_are_too_many": (
        "dev",
        changed(
            EVENTS,
            "placed",
            "filter.advancedFilters",
            [{"operatorType": "StringIn", "key": "type", "values": [str(number) for number in range(26)]}],
        ),
        "placed has more filters",
    ),
    "filter_beside_the_one_that_takes_all": (
        "dev",
        retyped(RULE, "order-events-inventory", "azure-native:servicebus:Rule"),
        "order-events-inventory gets everything",
    ),
    "filter_of_what_nobody_sends": (
        "dev",
        changed(RULE, "order-events-inventory", "sqlFilter.sqlExpression", "kind = 'order.placed'"),
        "order-events-inventory filters by kind",
    ),
    "forwarded_to_what_is_not_here": (
        "dev",
        without(QUEUE, "fulfilment-dead-letters"),
        "fulfilment does not wait for fulfilment-dead-letters",
    ),
    "dead_letters_left_where_nobody_looks": (
        "dev",
        changed(QUEUE, "fulfilment", "forwardDeadLetteredMessagesTo", None),
        "fulfilment keeps what was given up on to itself",
    ),
    "dead_letters_gone_before_they_are_seen": (
        "dev",
        changed(QUEUE, "fulfilment-dead-letters", "defaultMessageTimeToLive", "P1D"),
        "fulfilment-dead-letters keeps dead letters for 1 day",
    ),
    "message_that_is_taken_twice": (
        "dev",
        changed(QUEUE, "fulfilment", "requiresDuplicateDetection", None),
        "servicebus.Queue fulfilment does not see",
    ),
    "topics_of_a_tier_without_them": (
        "dev",
        changed("servicebus.Namespace", "orderly", "sku", {"name": "Basic", "tier": "Basic"}),
        "order-events needs a namespace of the tier Standard",
    ),
    "call_longer_than_the_lock": (
        "dev",
        told("fulfil", "AzureFunctionsJobHost__functionTimeout", "00:05:01"),
        "fulfil may take 0:05:01; fulfilment locks a message for",
    ),
    "policy_that_is_no_xml": (
        "dev",
        changed(OPERATION_POLICY, "api-openapi", "value", "<policies>"),
        "api-openapi is no XML",
    ),
    "claims_that_a_caller_may_send": (
        "dev",
        reworded("apimanagement.ApiPolicy", "api", "value", "X-Orderly-Claims", "X-Other"),
        "api keeps X-Orderly-Claims",
    ),
    "preflight_that_needs_a_token": (
        "basic",
        reworded("apimanagement.ApiPolicy", "api", "value", "<base />", "<base /><validate-jwt />"),
        "api asks for something before",
    ),
    "operation_open_to_everybody": (
        "dev",
        reworded(OPERATION_POLICY, "api-list-orders", "value", "<issuer>https://login.example</issuer>", ""),
        "api-list-orders does not ask for a token",
    ),
    "gateway_not_let_in": (
        "dev",
        told("api", "ORDERLY_CALLERS", NOBODY),
        "api: api is not let in by api",
    ),
    "parameter_that_is_not_said": (
        "dev",
        changed("apimanagement.ApiOperation", "api-show-order", "templateParameters", []),
        "api-show-order: order_id",
    ),
    "rate_that_a_tier_cannot_limit": (
        "basic",
        changed("apimanagement.ApiManagementService", "api", "sku", {"name": "Consumption", "capacity": 0}),
        "api: the tier Consumption has no rate-limit-by-key",
    ),
    "units_that_a_tier_does_not_have": (
        "dev",
        changed("apimanagement.ApiManagementService", "api", "sku.capacity", 1),
        "api has 1 units of the tier Consumption",
    ),
    "key_that_nobody_has": (
        "dev",
        changed("apimanagement.Api", "api", "subscriptionRequired", None),
        "api asks for a subscription's key",
    ),
    "metric_alert_somewhere": (
        "dev",
        changed(ALERT, ERRORS, "location", "westeurope"),
        f"{ERRORS} is in westeurope",
    ),
    "query_alert_elsewhere": (
        "dev",
        changed(QUERY, "database-orders-feed-lag", "location", "global"),
        "database-orders-feed-lag is not where its workspace is",
    ),
    "query_of_a_table_that_is_not_there_yet": (
        "dev",
        changed(QUERY, "database-orders-feed-lag", "skipQueryValidation", None),
        "database-orders-feed-lag would be tried",
    ),
    "metric_that_is_not_there_yet": (
        "dev",
        changed(ALERT, ERRORS, "criteria.allOf.0.skipMetricValidation", False),
        f"{ERRORS} would be refused",
    ),
    "alert_on_what_is_not_here": (
        "dev",
        without("eventgrid.Topic", "orders"),
        "event_bus-orders-dead-letters does not wait for",
    ),
    "alert_on_a_queue_that_is_not_here": (
        "dev",
        without(QUEUE, "fulfilment-dead-letters"),
        "looks at fulfilment-dead-letters, which is not here",
    ),
    "alert_that_looks_back_too_short": (
        "dev",
        changed(ALERT, ERRORS, "windowSize", "PT1M"),
        f"{ERRORS} looks at PT1M every PT5M",
    ),
    "alert_that_tells_nobody_who_was_named": (
        "partners",
        changed(ALERT, ERRORS, "actions", []),
        f"{ERRORS} does not tell every group",
    ),
    "workbook_that_shows_nothing": (
        "dev",
        without("eventgrid.Topic", "orders"),
        "alarms shows",
    ),
    "secret_in_the_history_of_runs": (
        "partners",
        changed(LOGIC, "ops-notification", "definition.actions.secret.runtimeConfiguration", {}),
        "ops-notification shows a secret in secret",
    ),
    "workflow_as_nobody": (
        "partners",
        changed(LOGIC, "ops-notification", "definition.actions.secret.inputs.authentication", {}),
        "ops-notification reads from the vault as nobody in secret",
    ),
}
"""By rule."""
