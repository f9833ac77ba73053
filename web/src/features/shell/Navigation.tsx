// Where one can go from everywhere.

import { useLocation } from '@tanstack/react-router';
import { BookOpen } from 'lucide-react';
import { isWithin, PLACES } from './pages';
import { PathLink } from './PathLink';
import classes from './Shell.module.css';

export function Navigation({ onGo }: { readonly onGo: () => void }) {
  const pathname = useLocation({ select: (location) => location.pathname });
  return (
    <nav className={classes.nav} aria-label="Main">
      {PLACES.map((place) => (
        <PathLink
          key={place.path}
          path={place.path}
          onClick={onGo}
          aria-current={isWithin(place, pathname) ? 'page' : undefined}
        >
          <place.icon size={17} aria-hidden /> {place.title}
        </PathLink>
      ))}
      <a href="/docs" className={classes.outside}>
        <BookOpen size={17} aria-hidden /> API
      </a>
    </nav>
  );
}
