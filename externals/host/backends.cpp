#include "host/backends.h"

#include "backends/choose.h"
#include "backends/python/python_backend.h"

namespace sideman {

std::shared_ptr<Backend> make_backend(const Settings& settings, ConsoleLine console) {
  return choose_backend(settings, console,
                        [&] { return std::make_shared<PythonBackend>(console); });
}

void stop_backends(int milliseconds) { static_cast<void>(stop_python(milliseconds)); }

}  // namespace sideman
