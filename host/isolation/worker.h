// `tutti plugin-worker`: the process that is one plugin.
//
// The host starts it with one end of a socket as descriptor 3. It takes its plan, shuts itself in, opens the library,
// and serves until the host says so or is gone.
#pragma once

namespace tutti::host {

// The exit code: 0 as asked or because the host is gone, 2 when it was not started by a host, 70 when what it read from
// the socket made no sense.
int RunPluginWorker();

}  // namespace tutti::host
