import { Training } from './training.jsx';

export default function Page() {
  return <Training />;
}
