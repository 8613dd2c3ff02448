#include "http_transport.h"

TUTTI_PLUGIN(tutti::transport::http::HttpTransport, "tutti.transport.http", "0.1.0")
