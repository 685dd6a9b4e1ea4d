#pragma once
// The table's functions that enter Python (all but `start`), for an interpreter that runs already.
// Any thread that does not hold the GIL; each takes it for its own call only.

#include "backends/python/bridge_abi.h"

namespace sideman {

// `start` is the caller's: the bridge starts an interpreter, `_core` lives in one.
sideman_bridge_table make_table(decltype(sideman_bridge_table::start) start);

// Writes one line, cut to the capacity.
void write_error(sideman_bridge_error* error, const char* line) noexcept;

}  // namespace sideman
