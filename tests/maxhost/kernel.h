#pragma once
// A double of Max's kernel: a main thread with its queue, a scheduler thread with clocks, an audio
// thread that runs the chain. Kernel is what a test holds; the C interface that the object calls
// (sdk/) reaches the one Kernel that lives.
//   The thread that makes the Kernel is the main thread and calls everything here.
//   Freeing a clock, a qelem or a signal object waits until it does not run, as in Max.

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "max/max_api.h"

#include "z_dsp.h"

namespace maxhost {

using Signal = std::vector<double>;

struct ConsoleLine {
  char kind;  // 'p'ost, 'w'arning, 'e'rror
  std::string text;
};

// MSP's own methods, which class_dspinit puts into every signal class; what is sent there is MSP's.
inline constexpr const char* names_of_msp[] = {"signal", "userconnect", "nsiginlets", "enable"};

// What a real Max would show of an attribute.
struct AttributeView {
  std::string name, type, label, style, category, enumvals;
  bool saved = false;
};

struct Transport {
  bool running = false;
  double tempo = 120.0, ticks = 0.0;
  long beats_per_bar = 4, beat_unit = 4;
};

class Kernel {
 public:
  Kernel();
  ~Kernel();  // objects that still live are not freed: Max may quit that way too
  Kernel(const Kernel&) = delete;
  Kernel& operator=(const Kernel&) = delete;

  // ---- patching ----
  t_object* create(std::string_view arguments);
  void destroy(t_object* object);
  // A multichannel cord ends at this inlet: what is played into it is its first channel, the others
  // are silent.
  void cord(t_object* object, size_t inlet, long channels);
  // "tempo 120": as a message box would, from the main thread, the scheduler or (waiting until it
  // is done) the audio thread.
  void send(t_object* object, std::string_view message);
  void send_from_scheduler(t_object* object, std::string_view message);
  void send_from_audio(t_object* object, std::string_view message);
  // The attribute's value as text.
  std::string get(t_object* object, std::string_view attribute);
  std::string get_from_scheduler(t_object* object, std::string_view attribute);
  std::string assist(t_object* object, long direction, long index);
  std::vector<AttributeView> attributes() const;
  std::vector<std::string> methods() const;
  int signal_outlets(t_object* object) const;
  int signal_inlets(t_object* object) const;
  // Channels that the chain was last built with, of all outlets.
  int channels(t_object* object) const;

  // ---- time ----
  // Serves the main queue for so long, or until `done` says so; false when it never did.
  void serve(std::chrono::milliseconds time);
  bool serve_until(const std::function<bool()>& done, std::chrono::milliseconds patience);
  void quit();  // runs the quit tasks

  // ---- what the object said ----
  std::vector<std::string> messages(t_object* object) const;  // from its right outlet
  bool said(t_object* object, std::string_view message) const;
  std::vector<ConsoleLine> console() const;
  int touched(t_object* object, std::string_view attribute) const;
  // Outlet and console calls that came from a thread where Max does not allow them.
  int trespasses() const;

  // ---- sound ----
  void scheduler_in_audio_interrupt(bool on);
  void set_transport(const Transport& transport);
  // Compiles the chain: calls dsp64 of every object.
  void dsp_on(double sample_rate, long max_vector);
  void dsp_off();
  // Runs the chain on the audio thread and returns what came out of one object, channel by channel;
  // one that comes later or goes earlier is silent meanwhile.
  // `vectors` are the sizes to use, again and again; `between` is called after every
  // `between_samples` on this thread. The second inlet hears `sketch`, or the silence of one to
  // which nothing is joined.
  std::vector<Signal> play(t_object* object, const Signal& in, const std::vector<long>& vectors,
                           const std::function<void()>& between = {}, long between_samples = 256,
                           const Signal& sketch = {});
  // Lets the audio thread run by itself, `speed` times real time, on noise.
  void free_run(long vector, double speed);
  void halt();
  int64_t vectors_played() const;
};

// Called around every perform64: where the tests arm the real-time trap.
struct PerformGuard {
  void (*before)() = nullptr;
  void (*after)() = nullptr;
};
void guard_perform(PerformGuard guard);

}  // namespace maxhost

// The object under test.
extern "C" void ext_main(void* r);
