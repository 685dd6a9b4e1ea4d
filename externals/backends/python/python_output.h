#pragma once
// Python's sys.stdout and sys.stderr become lines on the host's console; sys.stdin becomes None,
// so that nothing can wait for a keyboard that a host does not have. The caller holds the GIL.

#include "backends/python/bridge_abi.h"

namespace sideman {

void redirect_output(sideman_bridge_console console, void* user);

}  // namespace sideman
