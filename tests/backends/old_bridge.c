/* A bridge of the time before this ABI: it knows its own number and no other. */

#ifdef __GNUC__
__attribute__((visibility("default")))
#endif
const void* sideman_bridge(unsigned abi) {
  static const struct {
    unsigned abi, size;
  } table = {1, sizeof table};
  return abi == 1 ? &table : 0;
}
