#include "backends/python/python_output.h"

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <pybind11/embed.h>

namespace py = pybind11;

namespace sideman {

namespace {

// Collects text until a line is whole. What a progress bar overwrites with '\r' is dropped.
class Lines {
 public:
  std::vector<std::string> add(const std::string& text) {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> whole;
    for (const char c : text) {
      if (c == '\n' || part_.size() >= longest) {
        if (!part_.empty()) whole.push_back(part_);
        part_.clear();
      }
      if (c == '\r') part_.clear();
      if (c != '\n' && c != '\r' && c != '\0') part_.push_back(c);
    }
    return whole;
  }

 private:
  static constexpr size_t longest = 2000;
  std::mutex mutex_;
  std::string part_;
};

constexpr const char* console_class = R"(
import io

class HostConsole(io.TextIOBase):
    """A text stream that hands whole lines to the host; it never raises."""

    encoding = "utf-8"
    errors = "replace"

    def __init__(self, emit):
        self._emit = emit

    def writable(self):
        return True

    def write(self, text):
        self._emit(str(text).encode("utf-8", "replace"))
        return len(text)
)";

}  // namespace

void redirect_output(sideman_bridge_console console, void* user) {
  py::dict scope;
  scope["__builtins__"] = py::module_::import("builtins");
  py::exec(console_class, scope);
  const py::module_ sys = py::module_::import("sys");
  for (const char* name : {"stdout", "stderr"}) {
    auto lines = std::make_shared<Lines>();
    const py::cpp_function emit([lines, console, user](const py::bytes& text) {
      const std::vector<std::string> whole = lines->add(static_cast<std::string>(text));
      if (whole.empty() || !console) return;
      const py::gil_scoped_release without_gil;  // the host's console may make us wait
      for (const std::string& line : whole) console(user, line.c_str());
    });
    const py::object stream = scope["HostConsole"](emit);
    sys.attr(name) = stream;
    sys.attr((std::string("__") + name + "__").c_str()) = stream;
  }
  sys.attr("stdin") = py::none();
  sys.attr("__stdin__") = py::none();
}

}  // namespace sideman
