#!/usr/bin/env python3
"""hashicorp/aws for a real Terraform, as far as `init`, `validate` and `test` with a mocked provider ask it: the schema, and what is required by it.

    provider.py SCHEMA.json            (Terraform starts it; the schema is made by schema.py)

It reads nothing and changes nothing: no call of AWS is known here.
"""
import base64, json, sys, tempfile, threading
from concurrent import futures
import grpc, msgpack
from tf.gen import grpc_controller_pb2, tfplugin_pb2 as pb
from tf.runner import _self_signed_cert

SCHEMAS = next(iter(json.load(open(sys.argv[1]))["provider_schemas"].values()))
NESTING = {"single": 1, "list": 2, "set": 3, "map": 4, "group": 5}


def block(b):
    attributes = [pb.Schema.Attribute(name=name, type=json.dumps(a["type"]).encode(), required=a.get("required", False), optional=a.get("optional", False), computed=a.get("computed", False))
                  for name, a in sorted(b.get("attributes", {}).items())]
    nested = [pb.Schema.NestedBlock(type_name=name, block=block(n["block"]), nesting=NESTING[n["nesting_mode"]], min_items=n.get("min_items", 0), max_items=n.get("max_items", 0))
              for name, n in sorted(b.get("block_types", {}).items())]
    return pb.Schema.Block(attributes=attributes, block_types=nested)


def schemas(kind):
    return {name: pb.Schema(block=block(s["block"])) for name, s in SCHEMAS[kind].items()}


def missing(b, value):
    """What is required and not there."""
    for name, a in b.get("attributes", {}).items():
        if a.get("required") and value.get(name) is None:
            yield pb.Diagnostic(severity=1, summary="Missing required argument", detail=f'The argument "{name}" is required.')
    for name, n in b.get("block_types", {}).items():
        inner = value.get(name)
        for one in inner if isinstance(inner, list) else [inner]:
            if isinstance(one, dict):
                yield from missing(n["block"], one)


def checked(kind, request, response):
    value = msgpack.unpackb(request.config.msgpack, raw=False, strict_map_key=False) if request.config.msgpack else json.loads(request.config.json)
    return response(diagnostics=list(missing(SCHEMAS[kind][request.type_name]["block"], value)))


class Provider:
    def GetProviderSchema(self, request, _):
        return pb.GetProviderSchema.Response(provider=pb.Schema(block=block(SCHEMAS["provider"]["block"])), resource_schemas=schemas("resource_schemas"), data_source_schemas=schemas("data_source_schemas"))

    def ValidateProviderConfig(self, request, _):
        return pb.ValidateProviderConfig.Response()

    def ValidateResourceConfig(self, request, _):
        return checked("resource_schemas", request, pb.ValidateResourceConfig.Response)

    def ValidateDataResourceConfig(self, request, _):
        return checked("data_source_schemas", request, pb.ValidateDataResourceConfig.Response)

    def StopProvider(self, request, _):
        return pb.StopProvider.Response()


def main():
    done, server, provider = threading.Event(), grpc.server(futures.ThreadPoolExecutor(8)), Provider()
    handlers = {name: grpc.unary_unary_rpc_method_handler(getattr(provider, name), request_deserializer=getattr(pb, name).Request.FromString, response_serializer=getattr(pb, name).Response.SerializeToString)
                for name in dir(provider) if name[0].isupper()}
    shutdown = grpc.unary_unary_rpc_method_handler(lambda request, _: (done.set(), grpc_controller_pb2.Empty())[1], request_deserializer=grpc_controller_pb2.Empty.FromString,
                                                   response_serializer=grpc_controller_pb2.Empty.SerializeToString)
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("tfplugin6.Provider", handlers), grpc.method_handlers_generic_handler("plugin.GRPCController", {"Shutdown": shutdown})))
    with tempfile.TemporaryDirectory() as folder:
        certificate, credentials = _self_signed_cert()  # Terraform's plugins speak TLS with certificates of their own
        server.add_secure_port(f"unix://{folder}/provider.sock", credentials)
        server.start()
        print("|".join(["1", "6", "unix", f"{folder}/provider.sock", "grpc", base64.b64encode(certificate).decode().rstrip("=")]), flush=True)
        done.wait()
        server.stop(0.2)


main()
