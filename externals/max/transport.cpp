#include "host/transport.h"

#include "max/max_object.h"

#include "ext_itm.h"

namespace sideman {

void follow_transport(MaxBody& body) {
  auto* itm = static_cast<t_itm*>(itm_getglobal());
  if (!itm) {
    return;
  }
  HostTransport transport;
  transport.running = itm_getstate(itm) != 0;
  if (!transport.running && !body.transport_ran) {
    return;
  }
  body.transport_ran = transport.running;
  transport.quarters_per_minute = itm_gettempo(itm);
  transport.ticks_per_quarter = itm_getresolution();
  itm_gettimesignature(itm, &transport.beats_per_bar, &transport.beat_unit);
  itm_tickstobarbeatunits(itm, itm_getticks(itm), &transport.bar, &transport.beat,
                          &transport.ticks, TIME_FLAGS_LOCATION);
  const BeatPosition position = beat_position(transport);
  body.instrument->transport(transport.running, position.bpm, position.beat,
                             position.beats_per_bar);
}

}  // namespace sideman
