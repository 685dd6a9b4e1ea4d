#include "backends/python/lent_memory.h"

namespace py = pybind11;

namespace sideman {

namespace {

struct Lender {
  float* data;
  std::vector<py::ssize_t> shape;
  bool readonly;
};

py::buffer_info describe_buffer(const Lender& lender) {
  std::vector<py::ssize_t> strides(lender.shape.size());
  py::ssize_t stride = sizeof(float);
  for (size_t i = lender.shape.size(); i-- > 0;) {
    strides[i] = stride;
    stride *= lender.shape[i];
  }
  return {lender.data, sizeof(float), py::format_descriptor<float>::format(),
          static_cast<py::ssize_t>(lender.shape.size()), lender.shape, strides, lender.readonly};
}

py::object make_lender(Lender lender) {
  // A class without a module: nothing in Python can make one. Leaked with the interpreter.
  static const auto* const kind = new py::class_<Lender>(
      py::class_<Lender>(py::object(), "LentMemory", py::buffer_protocol(), py::module_local())
          .def_buffer(&describe_buffer));
  static_cast<void>(kind);
  return py::cast(std::move(lender));
}

}  // namespace

void LentMemory::prepare() {
  const py::gil_scoped_acquire gil;
  const float sample = 0.0f;
  static_cast<void>(LentMemory(&sample, {1}).view());
}

LentMemory::LentMemory(const float* data, std::vector<py::ssize_t> shape)
    : lender_(make_lender({const_cast<float*>(data), std::move(shape), true})) {}

LentMemory::LentMemory(float* data, std::vector<py::ssize_t> shape)
    : lender_(make_lender({data, std::move(shape), false})) {}

py::memoryview LentMemory::view() const { return py::memoryview(lender_); }

bool LentMemory::came_back() const {
  if (lender_.ref_count() == 1) return true;
  py::module_::import("gc").attr("collect")();  // a cycle may hold an array a little longer
  return lender_.ref_count() == 1;
}

}  // namespace sideman
