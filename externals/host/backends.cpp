#include "host/backends.h"

#include "backends/echo/echo_backend.h"
#include "backends/python/python_backend.h"

namespace sideman {

std::shared_ptr<Backend> make_backend(const Settings& settings, ConsoleLine console) {
  if (settings.backend == "echo") {
    return make_echo_backend(settings.delay);
  }
  return std::make_shared<PythonBackend>(std::move(console));
}

void stop_backends(int milliseconds) { static_cast<void>(stop_python(milliseconds)); }

}  // namespace sideman
