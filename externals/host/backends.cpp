#include "host/backends.h"

#include "backends/echo/echo_backend.h"
#include "backends/osc/osc_backend.h"
#include "backends/python/python_backend.h"
#include "backends/understudy/with_understudy.h"

namespace sideman {

std::shared_ptr<Backend> make_backend(const Settings& settings, ConsoleLine console) {
  if (settings.backend == "echo") {
    return make_echo_backend(settings.delay);
  }
  if (settings.backend == "remote") return make_remote_backend(settings);
  auto embedded = std::make_shared<PythonBackend>(console);
  if (settings.backend == "embedded" || settings.host.empty()) return embedded;
  auto remote = make_remote_backend(settings);
  return std::make_shared<WithUnderstudy>(std::move(remote), std::move(embedded),
                                          std::move(console));
}

void stop_backends(int milliseconds) { static_cast<void>(stop_python(milliseconds)); }

}  // namespace sideman
