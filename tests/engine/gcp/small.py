"""A program of single resources on Google Cloud, one of each sort that the tests of the provider look at."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

import pulumi
import pulumi_gcp as gcp

from components.gcp._openapi2 import Backend, Tokens, openapi2

PROJECT, REGION = "orderly-test", "europe-west1"
ISSUER = "https://login.example"
APIS = (
    "apigateway",
    "artifactregistry",
    "cloudbuild",
    "cloudfunctions",
    "firestore",
    "iam",
    "pubsub",
    "run",
    "secretmanager",
    "servicecontrol",
    "servicemanagement",
    "storage",
)
SECRET = "the-secret-of-the-webhook"  # noqa: S105


def written(path: Path, text: str) -> Path:
    with ZipFile(path, "w") as archive:
        archive.writestr("main.py", text)
    return path


@dataclass(frozen=True, kw_only=True)
class Small:
    """A program: the resources that the tests look at, and the APIs that make them."""

    package: Path
    memory: str = "512Mi"
    topic: str = "orders"
    locations: str = REGION
    value: str = SECRET
    audience: str = "orders"
    protect: bool = False

    def __call__(self, _: str) -> None:
        provider = gcp.Provider("gcp", project=PROJECT, region=REGION, default_labels={"owner": "tests"})
        apis = [
            gcp.projects.Service(
                api,
                project=PROJECT,
                service=f"{api}.googleapis.com",
                disable_on_destroy=False,
                opts=pulumi.ResourceOptions(provider=provider),
            )
            for api in APIS
        ]
        opts = pulumi.ResourceOptions(provider=provider, depends_on=apis)
        self._messages(self._code(opts), opts)
        self._data(opts)
        self._gateway(opts)
        project = gcp.organizations.get_project_output(
            project_id=PROJECT, opts=pulumi.InvokeOutputOptions(provider=provider)
        )
        pulumi.export("number", project.number)

    def _messages(self, function: gcp.cloudfunctionsv2.Function, opts: pulumi.ResourceOptions) -> None:
        topic = gcp.pubsub.Topic("topic", project=PROJECT, name=self.topic, opts=opts)
        gcp.pubsub.Subscription(
            "subscription",
            project=PROJECT,
            name="orders",
            topic=topic.id,
            ack_deadline_seconds=60,
            push_config=gcp.pubsub.SubscriptionPushConfigArgs(
                push_endpoint=function.service_config.apply(lambda service: str(service and service.uri))
            ),
            expiration_policy=gcp.pubsub.SubscriptionExpirationPolicyArgs(ttl=""),
            opts=opts,
        )
        pulumi.export("labels", pulumi.Output.unsecret(topic.effective_labels))

    def _code(self, opts: pulumi.ResourceOptions) -> gcp.cloudfunctionsv2.Function:
        bucket = gcp.storage.Bucket(
            "bucket", project=PROJECT, name="orderly-test-source", location=REGION.upper(), opts=opts
        )
        code = gcp.storage.BucketObject(
            "code", bucket=bucket.name, name="code", source=pulumi.FileAsset(str(self.package)), opts=opts
        )
        gcp.serviceaccount.Account("account", project=PROJECT, account_id="orders", opts=opts)
        function = gcp.cloudfunctionsv2.Function(
            "function",
            project=PROJECT,
            location=REGION,
            name="orders",
            build_config=gcp.cloudfunctionsv2.FunctionBuildConfigArgs(
                runtime="python313",
                entry_point="handle",
                source=gcp.cloudfunctionsv2.FunctionBuildConfigSourceArgs(
                    storage_source=gcp.cloudfunctionsv2.FunctionBuildConfigSourceStorageSourceArgs(
                        bucket=code.bucket, object=code.name
                    )
                ),
            ),
            service_config=gcp.cloudfunctionsv2.FunctionServiceConfigArgs(
                available_memory=self.memory, service_account_email=f"orders@{PROJECT}.iam.gserviceaccount.com"
            ),
            opts=opts,
        )
        gcp.cloudrunv2.ServiceIamMember(
            "invoker",
            project=PROJECT,
            location=REGION,
            name=function.name,
            role="roles/run.invoker",
            member="allUsers",
            opts=opts,
        )
        return function

    def _data(self, opts: pulumi.ResourceOptions) -> None:
        gcp.firestore.Database(
            "database",
            project=PROJECT,
            name="orders",
            location_id=self.locations,
            type="FIRESTORE_NATIVE",
            delete_protection_state="DELETE_PROTECTION_DISABLED",
            deletion_policy="PREVENT" if self.protect else "DELETE",
            opts=opts,
        )
        secret = gcp.secretmanager.Secret(
            "secret",
            project=PROJECT,
            secret_id="webhook",  # noqa: S106
            replication=gcp.secretmanager.SecretReplicationArgs(auto=gcp.secretmanager.SecretReplicationAutoArgs()),
            opts=opts,
        )
        gcp.secretmanager.SecretVersion(
            "value", project=PROJECT, secret=secret.id, secret_data=pulumi.Output.secret(self.value), opts=opts
        )

    def _gateway(self, opts: pulumi.ResourceOptions) -> None:
        api = gcp.apigateway.Api("api", project=PROJECT, api_id="orders", opts=opts)
        tokens = Tokens(issuer=ISSUER, audience=self.audience, keys_url=f"{ISSUER}/jwks")
        told = openapi2(Backend(url="https://orders-ew.a.run.app", deadline_seconds=30.0), tokens)
        contents = base64.b64encode(told.encode()).decode()
        document = gcp.apigateway.ApiConfigOpenapiDocumentDocumentArgs(path="openapi2.json", contents=contents)
        config = gcp.apigateway.ApiConfig(
            "config",
            project=PROJECT,
            api=api.api_id,
            api_config_id_prefix="orders-",
            openapi_documents=[gcp.apigateway.ApiConfigOpenapiDocumentArgs(document=document)],
            opts=opts,
        )
        gcp.apigateway.Gateway(
            "gateway", project=PROJECT, region=REGION, gateway_id="orders", api_config=config.id, opts=opts
        )
