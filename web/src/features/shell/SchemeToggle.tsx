// From light to dark and back; until it is used, pages follow the system.

import { ActionIcon, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { Moon, Sun } from 'lucide-react';

export function useOtherScheme() {
  const { setColorScheme } = useMantineColorScheme();
  const shown = useComputedColorScheme('light');
  const other = shown === 'dark' ? 'light' : 'dark';
  return {
    other,
    use: () => {
      setColorScheme(other);
    },
  } as const;
}

export function SchemeToggle() {
  const { other, use } = useOtherScheme();
  const Icon = other === 'dark' ? Moon : Sun;
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size="lg"
      aria-label={`Use the ${other} theme`}
      title={`Use the ${other} theme`}
      onClick={use}
    >
      <Icon size={18} aria-hidden />
    </ActionIcon>
  );
}
