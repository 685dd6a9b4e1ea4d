#pragma once
// What Python raised, as one line for a musician; the whole traceback goes to a file that the line
// names. The caller holds the GIL.

#include <string>

#include <pybind11/pybind11.h>

namespace sideman {

struct PythonFailure {
  int code = 0;      // SIDEMAN_BRIDGE_FAILED or SIDEMAN_BRIDGE_CANCELLED
  std::string line;
};

PythonFailure describe(const pybind11::error_already_set& raised);

}  // namespace sideman
