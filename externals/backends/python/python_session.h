#pragma once
// PythonSession is one client of sideman.bridge: it turns the C structs of bridge_abi.h into a call
// of Python and back. It is compiled into the bridge library and into `_core`, so live play and
// offline play enter Python through the same lines. The caller holds the GIL for every member.

#include <pybind11/pybind11.h>

#include "backends/python/bridge_abi.h"
#include "backends/python/call_gate.h"

namespace sideman {

class PythonSession {
 public:
  // Raises what sideman.bridge.open raises. `cancelled` is what Python polls.
  PythonSession(const sideman_bridge_open& request, CancelFlag cancelled,
                sideman_bridge_model& model);

  void reset(const sideman_bridge_plan& plan);
  // `window` [samples, channels] and `out` [parts, samples] are views on memory lent for this call
  // only. Writes what the answer says of itself into the hop.
  void step(sideman_bridge_hop& hop, const pybind11::memoryview& window,
            const pybind11::memoryview& out);

 private:
  pybind11::object client_;
};

}  // namespace sideman
