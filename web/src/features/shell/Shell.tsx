// What is around every page.

import { ActionIcon, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { BookOpen, Boxes, Moon, Sun } from 'lucide-react';
import type { ReactNode } from 'react';
import classes from './Shell.module.css';

export function Shell({ children }: { readonly children: ReactNode }) {
  return (
    <>
      <a className={classes.skip} href="#content">
        Skip to the content
      </a>
      <header className={classes.header}>
        <div className={classes.bar}>
          <Link to="/" className={classes.brand}>
            <img src="/favicon.svg" width={24} height={24} alt="" />
            Cambium
          </Link>
          <nav className={classes.nav} aria-label="Main">
            <Link to="/modules" activeProps={{ 'aria-current': 'page' }}>
              <Boxes size={16} aria-hidden /> Modules
            </Link>
            <a href="/docs">
              <BookOpen size={16} aria-hidden /> API
            </a>
          </nav>
          <SchemeToggle />
        </div>
      </header>
      <main id="content" tabIndex={-1} className={classes.main}>
        {children}
      </main>
    </>
  );
}

function SchemeToggle() {
  const { setColorScheme } = useMantineColorScheme();
  const shown = useComputedColorScheme('light');
  const other = shown === 'dark' ? 'light' : 'dark';
  const Icon = other === 'dark' ? Moon : Sun;
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size="lg"
      aria-label={`Use the ${other} theme`}
      onClick={() => {
        setColorScheme(other);
      }}
    >
      <Icon size={18} aria-hidden />
    </ActionIcon>
  );
}
