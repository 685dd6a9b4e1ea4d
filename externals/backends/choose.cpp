#include "backends/choose.h"

#include "backends/echo/echo_backend.h"
#include "backends/osc/osc_backend.h"
#include "backends/understudy/with_understudy.h"

namespace sideman {

std::shared_ptr<Backend> choose_backend(
    const Settings& settings, const ConsoleLine& console,
    const std::function<std::shared_ptr<Backend>()>& make_embedded) {
  if (settings.backend == "echo") return make_echo_backend(settings.delay);
  if (settings.backend == "remote") return make_remote_backend(settings);
  if (settings.backend == "embedded" || settings.host.empty()) return make_embedded();
  return std::make_shared<WithUnderstudy>(make_remote_backend(settings, true), make_embedded(),
                                          console);
}

}  // namespace sideman
