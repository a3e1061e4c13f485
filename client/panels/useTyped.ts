/** Text that is typed while answers come in: what the server says shows only when nobody is typing. */
import { ref, watch } from "vue";

export function useTyped(stored: () => string, save: (text: string) => void) {
  const text = ref(stored());
  const isTyping = ref(false);
  watch(stored, (next) => {
    if (!isTyping.value) text.value = next;
  });
  return {
    text,
    focus: (): void => {
      isTyping.value = true;
    },
    /** Call when the field is left. */
    leave: (): void => {
      isTyping.value = false;
      if (text.value !== stored()) save(text.value);
    },
  };
}
