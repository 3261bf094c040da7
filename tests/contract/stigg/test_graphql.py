"""The transport: keys, envelopes, errors, introspection, batches."""

from graphql import build_client_schema, get_introspection_query

TYPENAME = {"query": "{ __typename }"}


def test_a_wrong_key_is_an_error_in_the_envelope(stigg):
    answer = stigg.post(TYPENAME, **{"x-api-key": "server-other"})
    assert answer.status_code == 200
    error = answer.json()["errors"][0]
    assert error["extensions"]["code"] == "Unauthenticated"
    assert error["extensions"]["traceId"]


def test_a_body_that_is_not_json_type_is_401(stigg):
    assert stigg.post(TYPENAME, **{"content-type": "text/plain"}).status_code == 401


def test_business_errors_are_200_with_path_code_and_trace(stigg):
    answer = stigg.post({"query": 'query { getSubscription(input: {subscriptionId: "nowhere"}) { subscriptionId } }'})
    assert answer.status_code == 200
    body = answer.json()
    assert body["data"] is None
    error = body["errors"][0]
    assert error["path"] == ["getSubscription"]
    assert error["extensions"]["code"] == "SubscriptionNotFound"


def test_a_document_that_does_not_fit_the_schema_is_400(stigg):
    answer = stigg.post({"query": "{ paywall(input: {}) { nothing } }"})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["extensions"]["code"] == "BadUserInput"
    assert stigg.post({"query": "{"}).status_code == 400
    assert stigg.post({}).status_code == 400


def test_variables_are_checked(stigg):
    answer = stigg.post(
        {
            "query": "query ($input: GetSubscriptionInput!) { getSubscription(input: $input) { status } }",
            "variables": {"input": {}},
        }
    )
    assert answer.json()["errors"][0]["extensions"]["code"] == "BadUserInput"


def test_the_schema_can_be_read(stigg):
    answer = stigg.post({"query": get_introspection_query()}).json()
    schema = build_client_schema(answer["data"])
    assert "provisionSubscriptionV2" in schema.mutation_type.fields
    assert "paywall" in schema.query_type.fields


def test_a_batch_is_answered_in_order(stigg):
    answers = stigg.post([TYPENAME, TYPENAME]).json()
    assert answers == [{"data": {"__typename": "Query"}}] * 2
    assert stigg.post([TYPENAME] * 26).status_code == 400


def test_an_operation_is_chosen_by_name(stigg):
    document = "query A { __typename } query B { sdkConfiguration { isWidgetWatermarkEnabled } }"
    answer = stigg.post({"query": document, "operationName": "B"}).json()
    assert answer == {"data": {"sdkConfiguration": {"isWidgetWatermarkEnabled": False}}}
