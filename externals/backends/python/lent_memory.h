#pragma once
// Memory of the worker that Python may see during one call, as a memoryview of floats. Every view,
// slice or array that Python makes of it holds the lender, so a reference count tells whether all
// of them are gone. The caller holds the GIL.

#include <vector>

#include <pybind11/pybind11.h>

namespace sideman {

class LentMemory {
 public:
  // Makes what lending needs, pybind11's own records included, before the first call: what is made
  // later is destroyed earlier when the process exits (see bridge.cpp).
  static void prepare();

  LentMemory(const float* data, std::vector<pybind11::ssize_t> shape);  // for reading
  LentMemory(float* data, std::vector<pybind11::ssize_t> shape);        // for writing

  pybind11::memoryview view() const;
  // False when Python still holds a view, which would point at freed memory later.
  bool came_back() const;

 private:
  pybind11::object lender_;
};

}  // namespace sideman
